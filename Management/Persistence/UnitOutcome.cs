namespace PciBus.Management.Persistence;

/// <summary>What is to become of a unit of work that has a result.</summary>
internal enum UnitOutcome
{
    Commit,

    /// <summary>Nothing has happened.</summary>
    RollBack,

    /// <summary>It found that another was faster: nothing has happened, and it is run again.</summary>
    RunAgain,
}
