namespace PciBus.Tests.Architecture.Canaries.Persistence;

internal sealed class KnowsAccounts(PciBus.Management.Accounts.Caller caller)
{
    public override string ToString() => $"{caller}";
}
