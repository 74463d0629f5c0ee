"""gutskin: one person's gut ecosystem, gut-skin axis and skin ecosystem as a checked simulator.

Research use only; never medical advice.
"""

__version__ = "0.5.0"
