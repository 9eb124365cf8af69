namespace PciBus.Tests.Simulation.Judge;

internal sealed record WorkflowRow(long Id, long VmId, bool Waiting, bool HasDeadline, string? AwaitingHost, string Kind, string Step);
