using System.CommandLine;
using PciBus.Contracts.Connection;
using PciBus.Management.Bus;
using RabbitMQ.Client.Exceptions;

namespace PciBus.Management.Setup;

/// <summary>The command line of management.</summary>
internal static class CommandLine
{
    public static RootCommand Build()
    {
        var settings = new SettingsOptions();
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
        var root = new RootCommand("PciBus management: hands the PCI devices of KVM hosts to virtual machines.")
        {
            settings.DataFolder, settings.File, settings.Setting, logFormat, logLevel,
        };
        foreach (var command in DatabaseCommands.Build(settings)) root.Add(command);
        var bus = new Option<string>("--bus") { Description = $"The broker, {BusAddress.Form}; default: the setting bus.address." };
        var replay = new Command(
            "replay-dead-letters", "Puts messages that management gave up back into the queues they came from.") { bus };
        replay.SetAction((result, cancellationToken) => ReplayAsync(
            () =>
                result.GetValue(bus) is not { } given
                    ? settings.Read(result).Bus.Address
                    : BusAddress.TryParse(given, out var address) ? address : null,
            cancellationToken));
        root.Add(replay);
        root.SetAction((result, cancellationToken) => RunAsync(
            () => new ServerOptions(
                result.GetRequiredValue(settings.DataFolder),
                result.GetRequiredValue(logFormat),
                result.GetRequiredValue(logLevel),
                settings.Read(result)),
            cancellationToken));
        return root;
    }

    private static async Task<int> ReplayAsync(Func<BusAddress?> broker, CancellationToken cancellationToken)
    {
        BusAddress? address = null;
        try
        {
            address = broker() ?? throw new SetupException(
                $"The broker must be named, by the setting bus.address or with --bus: {BusAddress.Form}");
            var (replayed, left) = await DeadLetters.ReplayAsync(address, cancellationToken);
            Console.WriteLine(
                $"{replayed} messages were put back{(left > 0 ? $"; {left} do not say where they came from and were left" : "")}");
            return 0;
        }
        catch (SetupException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
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

/// <summary>What the command line says.</summary>
/// <param name="LogFormat"><c>plain</c> or <c>json</c>.</param>
internal sealed record ServerOptions(string DataFolder, string LogFormat, LogLevel LogLevel, Settings Settings);

/// <summary>Management cannot start; the message is one line that names the thing and the remedy.</summary>
internal sealed class SetupException(string message, Exception? inner = null) : Exception(message, inner);
