namespace PciBus.Tests.Simulation;

/// <summary>Something came out of the product that nobody there expected.</summary>
internal sealed class SimulationFailedException(Exception inner) : Exception(inner.Message, inner);
