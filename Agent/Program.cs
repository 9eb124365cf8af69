using PciBus.Agent.Setup;

namespace PciBus.Agent;

/// <summary>The agent of one host.</summary>
internal static class Program
{
    private static Task<int> Main(string[] arguments) => CommandLine.Build().Parse(arguments).InvokeAsync();
}
