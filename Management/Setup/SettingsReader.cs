using PciBus.Contracts.Connection;
using PciBus.Management.Configuration;

namespace PciBus.Management.Setup;

/// <summary>
/// Takes the values of settings from where they are given, one source after the other; the later wins. A value that is not
/// allowed is an error even where another wins over it.
/// </summary>
internal sealed class SettingsReader
{
    private const string Prefix = "PCIBUS_";

    private readonly IReadOnlyList<SettingDefinition> _definitions;
    private readonly Dictionary<string, ConfiguredSetting> _values = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];

    public SettingsReader(IReadOnlyList<SettingDefinition> definitions)
    {
        _definitions = definitions;
        foreach (var definition in definitions.Where(one => !one.IsFamily))
        {
            Set(definition, definition.Name, definition.Default, ConfiguredSetting.Default);
        }
    }

    public IReadOnlyDictionary<string, ConfiguredSetting> Values => _values;

    /// <summary>What an operator should look at; none of it stops anything.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <exception cref="SetupException">It cannot be read, or what it says is not allowed.</exception>
    public void AddFile(string path)
    {
        var holdsSecret = false;
        var file = PropertiesFile.Read(BytesOf(path));
        if (file.Problems is [var (line, what), ..]) throw new SetupException($"{path}:{line} {what}");
        _warnings.AddRange(file.Repeated.Select(one =>
            $"{path}:{one.Second}: {PropertyName.Shown(one.Key)} stands in line {one.First} too; line {one.Second} counts"));
        foreach (var (number, name, value) in file.Lines)
        {
            // The line is not shown: there may be a password in it.
            if (value is null) throw new SetupException($"{path}:{number} is not NAME=VALUE");
            if (Find(name) is not { } definition)
            {
                _warnings.Add(
                    $"{path}:{number}: \"{PropertyName.Shown(name)}\" is no setting and is ignored; the nearest is {Nearest(name)}");
                continue;
            }

            Set(definition, name, value, $"file {path}:{number}");
            holdsSecret |= definition.IsSecret && value.Length > 0;
        }

        if (holdsSecret && !OperatingSystem.IsWindows() && File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherRead))
        {
            _warnings.Add($"{path} holds a secret, and everybody on this machine can read it: chmod o-r {path}");
        }
    }

    /// <exception cref="SetupException">A value is not allowed.</exception>
    public void AddEnvironment(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var definition in _definitions)
        {
            if (definition.Variable is { } variable && variables.TryGetValue(variable, out var value))
            {
                Set(definition, definition.Name, value, $"environment {variable}");
            }
        }

        // Agents and tests have variables of their own: only what looks like a slip is worth a warning.
        List<string> known =
            [.. _definitions.Select(one => one.Variable).OfType<string>(), SecretKeyFile.Variable, SecretKeyFile.FileVariable];
        foreach (var variable in variables.Keys.Where(one => one.StartsWith(Prefix, StringComparison.Ordinal))
            .Except(known).Order(StringComparer.Ordinal))
        {
            var nearest = PropertyName.Nearest(variable, known);
            if (PropertyName.Distance(variable, nearest) <= Math.Max(1, (variable.Length - Prefix.Length) / 4))
            {
                _warnings.Add($"The environment's {variable} is ignored; is {nearest} meant?");
            }
        }
    }

    /// <param name="arguments">NAME=VALUE each.</param>
    /// <exception cref="SetupException">A name is not known, or a value is not allowed.</exception>
    public void AddArguments(IEnumerable<string> arguments)
    {
        foreach (var argument in arguments)
        {
            var parts = argument.Split('=', 2);
            var name = PropertyName.Shown(parts[0]);
            if (Find(parts[0]) is not { } definition)
            {
                throw new SetupException($"\"{name}\" (command line) is no setting; the nearest is {Nearest(name)}, and --help names all");
            }

            if (parts.Length != 2) throw new SetupException($"The setting {name} (command line) has no value: --setting {name}=VALUE");
            Set(definition, parts[0], parts[1], "command line");
        }
    }

    private void Set(SettingDefinition definition, string name, string value, string source)
    {
        var setting = new ConfiguredSetting(definition, name, value, source);
        _values[name] = definition.Kind.Allows(value) ? setting : throw new SetupException(setting.Problem);
    }

    private SettingDefinition? Find(string name) => _definitions.FirstOrDefault(one => one.IsNamed(name));

    private string Nearest(string name) => PropertyName.Nearest(name, _definitions.Select(one => one.Name));

    private static byte[] BytesOf(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"The settings in {path} cannot be read: {exception.Message}", exception);
        }
    }
}
