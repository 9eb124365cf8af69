namespace PciBus.Agent.Commands;

/// <summary>What happens to a command that has arrived.</summary>
internal enum Arrival
{
    /// <summary>It waits in its lane and will be answered when its turn has come.</summary>
    Queued,

    /// <summary>It can be answered now.</summary>
    Answered,

    /// <summary>The agent is going down; the command is left to the next session.</summary>
    Dropped,
}
