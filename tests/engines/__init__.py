"""What browsers do differently: the same visitor in Firefox and in WebKit."""
