using System.CommandLine;
using PciBus.Contracts;
using PciBus.Management.Agents;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Management.Setup;

/// <summary>The command line of management.</summary>
internal static class CommandLine
{
    public static RootCommand Build()
    {
        var dataFolder = new Option<string>("--data-folder")
        {
            Description = "Folder of the database and of the simulated hosts; made when it is not there.",
            Recursive = true,
            DefaultValueFactory = _ => "data",
        };
        var logFormat = new Option<string>("--log-format")
        {
            Description = "How log lines look.",
            DefaultValueFactory = _ => "plain",
        };
        logFormat.AcceptOnlyFromAmong("plain", "json");
        var logLevel = new Option<LogLevel>("--log-level")
        {
            Description = "What is logged: Debug shows each step of each workflow.",
            DefaultValueFactory = _ => LogLevel.Information,
        };
        var settings = new Option<string[]>("--setting")
        {
            Description = $"NAME=VALUE, may be repeated; times in seconds. Names: {string.Join(", ", Settings.Names)}.",
            Recursive = true,
            DefaultValueFactory = _ => [],
        };
        var root = new RootCommand("PciBus management: hands the PCI devices of KVM hosts to virtual machines.")
        {
            dataFolder, logFormat, logLevel, settings,
        };
        foreach (var command in DatabaseCommands.Build(dataFolder, settings)) root.Add(command);
        var bus = new Option<string>("--bus")
        {
            Description = $"The broker, {BusAddress.Form}; default: the environment's PCIBUS_BUS_ADDRESS.",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("PCIBUS_BUS_ADDRESS") ?? "",
        };
        var replay = new System.CommandLine.Command("replay-dead-letters", "Puts messages that management gave up back into the queues they came from.") { bus };
        replay.SetAction((result, cancellationToken) => ReplayAsync(result.GetRequiredValue(bus), cancellationToken));
        root.Add(replay);
        root.SetAction((result, cancellationToken) => RunAsync(
            () => new ServerOptions(
                result.GetRequiredValue(dataFolder),
                result.GetRequiredValue(logFormat),
                result.GetRequiredValue(logLevel),
                Settings.Read(result.GetRequiredValue(settings), Environment.GetEnvironmentVariable)),
            cancellationToken));
        return root;
    }

    private static async Task<int> ReplayAsync(string bus, CancellationToken cancellationToken)
    {
        if (!BusAddress.TryParse(bus, out var address))
        {
            await Console.Error.WriteLineAsync($"The broker must be named, in the environment's PCIBUS_BUS_ADDRESS or with --bus: {BusAddress.Form}");
            return 1;
        }

        try
        {
            Console.WriteLine($"{await DeadLetters.ReplayAsync(address, cancellationToken)} messages were put back");
            return 0;
        }
        catch (RabbitMQClientException exception)
        {
            await Console.Error.WriteLineAsync($"{address}: {exception.Message}");
            return 1;
        }
    }

    private static async Task<int> RunAsync(Func<ServerOptions> options, CancellationToken cancellationToken)
    {
        try
        {
            await ManagementServer.RunAsync(options(), cancellationToken);
            return 0;
        }
        catch (SetupException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
    }
}
