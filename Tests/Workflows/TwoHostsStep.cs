namespace PciBus.Tests.Workflows;

internal enum TwoHostsStep
{
    Begin,
    Asking,
}
