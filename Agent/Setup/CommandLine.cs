using System.CommandLine;

namespace PciBus.Agent.Setup;

/// <summary>What can be asked of the agent on the command line.</summary>
internal static class CommandLine
{
    public static RootCommand Build()
    {
        var properties = new Option<FileInfo>("--properties")
        {
            Description = "The host's agent.properties",
            HelpName = "FILE",
            Required = true,
        };
        var run = new Command("run", "Run the agent of this host") { properties };
        run.SetAction(result => RunCommand.Run(result.GetRequiredValue(properties), result.InvocationConfiguration.Error));
        var check = new Command("check", "Check agent.properties, and print the devices and the bad entries") { properties };
        check.SetAction(result => CheckCommand.Run(
            result.GetRequiredValue(properties), result.InvocationConfiguration.Output, result.InvocationConfiguration.Error));
        return new RootCommand("The PciBus agent: hands PCI devices of this host to virtual machines") { run, check };
    }
}
