using System.Collections;
using System.CommandLine;

namespace PciBus.Management.Setup;

/// <summary>The options of the command line that say where settings come from.</summary>
internal sealed class SettingsOptions
{
    /// <summary>The file of the data folder that is read when no other is named.</summary>
    public const string FileName = "management.properties";

    public Option<string> DataFolder { get; } = new("--data-folder")
    {
        Description = $"Folder of the database, of {FileName} and of the simulated hosts; made when it is not there.",
        Recursive = true,
        DefaultValueFactory = _ => "data",
    };

    public Option<string?> File { get; } = new("--settings")
    {
        Description = $"File with settings, NAME=VALUE in each line; default: {FileName} of the data folder, if it is there.",
        HelpName = "FILE",
        Recursive = true,
    };

    public Option<string[]> Setting { get; } = new("--setting")
    {
        Description =
            "A setting, may be repeated; wins over the environment (PCIBUS_NAME, _ for each dot), which wins over the file. Names: "
            + string.Join(", ", Settings.Definitions.Select(one => $"{one.Name}{(one.Default.Length > 0 ? $" ({one.Default})" : "")}")),
        HelpName = "NAME=VALUE",
        Recursive = true,
        DefaultValueFactory = _ => [],
    };

    /// <exception cref="SetupException">A name or a value is not right, or the file cannot be read.</exception>
    public Settings Read(ParseResult result) => Settings.Read(
        result.GetRequiredValue(Setting),
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(one => (string)one.Key, one => (string?)one.Value ?? ""),
        FileOf(result));

    private string? FileOf(ParseResult result)
    {
        if (result.GetValue(File) is { } given) return Path.GetFullPath(given);
        var usual = Path.Combine(Path.GetFullPath(result.GetRequiredValue(DataFolder)), FileName);
        return System.IO.File.Exists(usual) ? usual : null;
    }
}
