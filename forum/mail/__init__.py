"""Letters that leave the server: kept sealed until they are sent, and gone then."""
