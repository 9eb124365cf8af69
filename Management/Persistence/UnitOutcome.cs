namespace PciBus.Management.Persistence;

/// <summary>What is to become of a unit of work that has a result.</summary>
internal enum UnitOutcome
{
    Commit,

    /// <summary>Nothing has happened.</summary>
    RollBack,

    /// <summary>The work found that another was faster: nothing has happened, and the work is run again.</summary>
    RunAgain,
}
