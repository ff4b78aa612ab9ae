"""What the Story page works out: the numbers of one event on their way through both towers."""
