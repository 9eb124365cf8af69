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
    private readonly ConfigurationBuilder _sources = new();
    private readonly List<string> _warnings = [];

    public SettingsReader(IReadOnlyList<SettingDefinition> definitions)
    {
        _definitions = definitions;
        _sources.Add(new PropertiesProvider(
            definitions.Where(one => !one.IsFamily).Select(one => Check(one, one.Name, one.Default, ConfiguredSetting.Default))));
    }

    /// <summary>The values that count, by name.</summary>
    public IReadOnlyDictionary<string, ConfiguredSetting> Values
    {
        get
        {
            var configuration = _sources.Build();
            var sources = _sources.Sources.Cast<PropertiesProvider>().Reverse().ToList();
            return sources.SelectMany(source => source.Names).Distinct(StringComparer.Ordinal).Where(name => Find(name) is not null)
                .Select(name => new ConfiguredSetting(Find(name)!, name, configuration[name]!, PlaceOf(name)))
                .ToDictionary(setting => setting.Name, StringComparer.Ordinal);

            string PlaceOf(string name) => sources.Select(source => source.PlaceOf(name)).OfType<string>().First();
        }
    }

    /// <summary>What an operator should look at; none of it stops anything.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <exception cref="SetupException">It cannot be read, or what it says is not allowed.</exception>
    public void AddFile(string path)
    {
        var file = PropertiesFile.Read(BytesOf(path));
        if (file.Problems is [var (line, what), ..]) throw new SetupException($"{path}:{line} {what}");
        _warnings.AddRange(file.Repeated.Select(one =>
            $"{path}:{one.Second}: {PropertyName.Shown(one.Key)} stands in line {one.First} too; line {one.Second} counts"));
        var (source, holdsSecret) = ($"file {path}", false);
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

            Check(definition, name, value, $"{source}:{number}");
            holdsSecret |= definition.IsSecret && value.Length > 0;
        }

        _sources.Add(new PropertiesProvider(file, source));
        if (holdsSecret && !OperatingSystem.IsWindows() && File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherRead))
        {
            _warnings.Add($"{path} holds a secret, and everybody on this machine can read it: chmod o-r {path}");
        }
    }

    /// <exception cref="SetupException">A value is not allowed.</exception>
    public void AddEnvironment(IReadOnlyDictionary<string, string> variables)
    {
        _sources.Add(new PropertiesProvider(
            from definition in _definitions
            from variable in variables
            where variable.Key == definition.Variable
            select Check(definition, definition.Name, variable.Value, $"environment {variable.Key}")));

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
    public void AddArguments(IEnumerable<string> arguments) => _sources.Add(new PropertiesProvider(arguments.Select(argument =>
    {
        var parts = argument.Split('=', 2);
        var name = PropertyName.Shown(parts[0]);
        if (Find(parts[0]) is not { } definition)
        {
            throw new SetupException($"\"{name}\" (command line) is no setting; the nearest is {Nearest(name)}, and --help names all");
        }

        if (parts.Length != 2) throw new SetupException($"The setting {name} (command line) has no value: --setting {name}=VALUE");
        return Check(definition, parts[0], parts[1], "command line");
    })));

    private static (string Name, string Value, string Place) Check(SettingDefinition definition, string name, string value, string place) =>
        definition.Kind.Allows(value)
            ? (name, value, place)
            : throw new SetupException(new ConfiguredSetting(definition, name, value, place).Problem);

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
