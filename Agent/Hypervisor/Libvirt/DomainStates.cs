namespace PciBus.Agent.Hypervisor.Libvirt;

/// <summary>virDomainState, and of virDomainPausedReason what matters.</summary>
internal static class DomainStates
{
    public const int ShutOff = 5;

    private const int Paused = 3;
    private const int ShuttingDown = 4;
    private const int Crashed = 6;
    private const int Suspended = 7;
    private const int ByMigration = 2;
    private const int StartingUp = 11;

    /// <summary>Libvirt is making it, or its QEMU is ending. It is not asked for its job, which could take as long as that does.</summary>
    public static bool IsComingOrGoing(int state, int reason) => state == ShuttingDown || (state == Paused && reason == StartingUp);

    /// <summary>A migration has stopped it: it is on its way here, or its memory is all over there.</summary>
    public static bool IsMigrating(int state, int reason) => state == Paused && reason == ByMigration;

    public static DomainState Of(int state) => state switch
    {
        Paused or Suspended => DomainState.Paused,
        Crashed => DomainState.Crashed,
        _ => DomainState.Running,
    };
}
