using System.CommandLine;

namespace PciBus.Agent.Setup;

/// <summary>What can be asked of the agent on the command line.</summary>
internal static class CommandLine
{
    public static RootCommand Build()
    {
        var properties = new Option<FileInfo>("--properties")
        {
            Description = "The host's agent.properties; the environment wins over it: PCIBUS_BUS_ADDRESS is its bus.address",
            HelpName = "FILE",
            Required = true,
        };
        var logLevel = new Option<LogLevel>("--log-level")
        {
            Description = "What is logged",
            DefaultValueFactory = _ => LogLevel.Information,
        };
        var run = new System.CommandLine.Command("run", "Run the agent of this host") { properties, logLevel };
        run.SetAction((result, cancellationToken) => RunCommand.RunAsync(
            result.GetRequiredValue(properties), result.GetRequiredValue(logLevel), result.InvocationConfiguration.Error,
            cancellationToken));
        var check = new System.CommandLine.Command(
            "check", "Check agent.properties, the broker and the rights there, and print the devices") { properties };
        check.SetAction((result, cancellationToken) => CheckCommand.RunAsync(
            result.GetRequiredValue(properties), result.InvocationConfiguration.Output, result.InvocationConfiguration.Error,
            cancellationToken));
        return new RootCommand(
            "The PciBus agent: hands PCI devices of this host to virtual machines") { run, check, BuildJoin(properties) };
    }

    private static System.CommandLine.Command BuildJoin(Option<FileInfo> properties)
    {
        var server = new Option<string>("--server")
        {
            Description = "Management's API port: https://host:8080",
            HelpName = "URL",
            Required = true,
        };
        var token = new Option<string>("--token")
        {
            Description = "What createHostJoinToken has answered; default: the environment's PCIBUS_JOIN_TOKEN",
            HelpName = "T",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("PCIBUS_JOIN_TOKEN") ?? "",
        };
        var authorities = new Option<FileInfo?>("--ca")
        {
            Description = "PEM file of the authorities of management's certificate; default: those of this machine",
            HelpName = "FILE",
        };
        var join = new System.CommandLine.Command(
            "join", "Get this host's own user on the broker from management, for a token") { properties, server, token, authorities };
        join.SetAction((result, cancellationToken) => JoinCommand.RunAsync(
            result.GetRequiredValue(properties),
            result.GetRequiredValue(server),
            result.GetRequiredValue(token),
            result.GetValue(authorities),
            result.InvocationConfiguration.Output,
            result.InvocationConfiguration.Error,
            cancellationToken));
        return join;
    }
}
