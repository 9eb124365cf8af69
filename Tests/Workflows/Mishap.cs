namespace PciBus.Tests.Workflows;

/// <summary>What goes wrong with one step of a workflow.</summary>
public enum Mishap
{
    None,

    /// <summary>The host says no, and has done nothing.</summary>
    Fails,
    AnsweredTwice,

    /// <summary>Its deadline had passed, and more was asked.</summary>
    AnsweredLate,
    NeverAnswered,

    /// <summary>The command comes back: nobody was there.</summary>
    Undelivered,

    /// <summary>After the commit, before anything was sent; another server takes over.</summary>
    ManagementDies,
    AgentDiesBeforeActing,
    AgentDiesAfterActing,

    /// <summary>The host that is to act is declared down, and comes back empty.</summary>
    HostDown,

    /// <summary>The other one is.</summary>
    OtherHostDown,
    Cancelled,
    ForceStopped,
}
