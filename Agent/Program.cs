using System.CommandLine;
using PciBus.Agent.Setup;

namespace PciBus.Agent;

/// <summary>The agent of one host.</summary>
internal static class Program
{
    /// <summary>Time for commands under way to end, and for the farewell.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static Task<int> Main(string[] arguments) =>
        CommandLine.Build().Parse(arguments).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = Patience });
}
