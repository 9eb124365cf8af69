namespace PciBus.Tests.Architecture.Canaries.Hosts;

internal sealed class TakesTooMuch(int a, int b, int c, int d, int e, int f, int g, int h)
{
    public int Sum => a + b + c + d + e + f + g + h;
}
