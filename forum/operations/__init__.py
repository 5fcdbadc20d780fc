"""An operator's commands on keys and data: rotate, back up, restore, check."""
