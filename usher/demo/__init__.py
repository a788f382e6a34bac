"""The demo: real programs, real signatures, real HTTP; only the portal is a simulator."""
