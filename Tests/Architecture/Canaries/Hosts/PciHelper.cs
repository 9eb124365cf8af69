namespace PciBus.Tests.Architecture.Canaries.Hosts;

internal sealed class PciHelper;
