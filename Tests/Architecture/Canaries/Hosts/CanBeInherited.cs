namespace PciBus.Tests.Architecture.Canaries.Hosts;

internal class CanBeInherited;
