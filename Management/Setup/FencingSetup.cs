using System.CommandLine.Parsing;
using PciBus.Management.Configuration;
using PciBus.Management.Hosts.Fencing;

namespace PciBus.Management.Setup;

/// <summary>Reads fencing commands from the settings.</summary>
internal static class FencingSetup
{
    /// <summary>Blanks separate an executable and its arguments; double quotes keep blanks within them. There is no escape.</summary>
    /// <exception cref="SetupException">The value, which is not shown, is not a command.</exception>
    public static FencingCommandLine Command(ConfiguredSetting setting)
    {
        if (string.IsNullOrWhiteSpace(setting.Value)) return FencingCommandLine.None;
        var words = CommandLineParser.SplitCommandLine(setting.Value).ToList();
        if (setting.Value.Count(letter => letter == '"') % 2 > 0 || words.Count == 0 || words[0].Length == 0)
        {
            throw new SetupException(setting.Problem);
        }
        var command = new FencingCommandLine(words[0], words[1..]);
        return command.WrongPlaceholder is { } wrong ? throw new SetupException($"{setting.Problem}, and it has {wrong}") : command;
    }
}
