"""What does a site tell its visitors? Its notice: one immutable, versioned document in every language it declares."""
