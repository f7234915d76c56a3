"""What a guard knows of processes that it has started, and of what they leave."""
