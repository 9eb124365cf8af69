namespace PciBus.Tests.Architecture.Canaries.Hosts;

internal sealed class KnowsJoining
{
    public static string Token => PciBus.Management.Hosts.Joining.HostPassword.New();
}
