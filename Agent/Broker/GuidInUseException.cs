namespace PciBus.Agent.Broker;

/// <summary>Another connection holds this agent's queue, and went on holding it for longer than a dead one could.</summary>
internal sealed class GuidInUseException(string queue) : Exception(
    $"The broker refuses {queue}: another connection holds it. Another agent runs with the same guid: give each host a guid of its own, or stop the other agent");
