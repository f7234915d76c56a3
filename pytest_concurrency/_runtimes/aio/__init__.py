"""asyncio: event loops whose steps, arrivals and time are the run's."""
