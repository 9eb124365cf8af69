using System.CommandLine.Parsing;
using PciBus.Management.Hosts;

namespace PciBus.Management.Setup;

/// <summary>Reads fencing commands from the settings.</summary>
internal static class FencingSetup
{
    /// <summary>Blanks part an executable and its arguments; double quotes keep together what they enclose. There is no escape.</summary>
    /// <param name="name">Of the setting.</param>
    /// <param name="text">Empty = no command.</param>
    /// <exception cref="SetupException">The value is not a command.</exception>
    public static FencingCommandLine Command(string name, string text)
    {
        if (string.IsNullOrWhiteSpace(text)) return FencingCommandLine.None;
        var words = CommandLineParser.SplitCommandLine(text).ToList();
        // Neither message shows the value: it may have a password in it.
        if (text.Count(letter => letter == '"') % 2 > 0 || words.Count == 0 || words[0].Length == 0)
        {
            throw new SetupException($"The setting {name} is not a command: an executable and its arguments, parted by blanks, with double quotes in pairs");
        }

        var command = new FencingCommandLine(words[0], words[1..]);
        return command.WrongPlaceholder is { } wrong
            ? throw new SetupException($"The setting {name} has {wrong} in it: its arguments may have {{name}}, {{guid}} and {{ip}} of the host, its executable nothing of it")
            : command;
    }
}
