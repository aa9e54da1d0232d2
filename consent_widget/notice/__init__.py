"""What does a site tell its visitors? One immutable, versioned document in every language it declares."""
