namespace PciBus.Tests.Architecture.Canaries.Contracts;

internal sealed class KnowsTheConnection
{
    public static string Type => PciBus.Contracts.Connection.Envelope.UrnOf(typeof(string));
}
