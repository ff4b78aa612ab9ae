"""What this page works out, apart from any page."""
