namespace PciBus.Tests.Simulation.Faults;

/// <summary>The process is gone in this moment. As a cancellation it passes through every handler of failures, as death does.</summary>
internal sealed class SimulatedCrash() : OperationCanceledException("the process died here");
