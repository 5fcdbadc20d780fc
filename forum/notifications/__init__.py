"""What members are told by mail: that something is new, never what; at the hours they chose."""
