"""Short answers to what people ask: how it works, how hidden they are, whose the service is."""
