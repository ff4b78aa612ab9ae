"""What all pages share: the frame, the address, the run shown, figures of towers and intervals."""
