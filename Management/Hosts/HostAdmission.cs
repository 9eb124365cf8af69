namespace PciBus.Management.Hosts;

/// <summary>Which hosts management listens to.</summary>
internal enum HostAdmission
{
    /// <summary>Those that joined with a token: each has its own user on the broker, and what another user says for it is refused.</summary>
    Joined,

    /// <summary>Any that announces itself, whatever its user is: whoever reaches the broker is trusted.</summary>
    Open,
}
