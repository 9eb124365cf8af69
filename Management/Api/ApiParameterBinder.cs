using System.Globalization;
using PciBus.Management.Persistence;

namespace PciBus.Management.Api;

/// <summary>Reads the parameters of a call into its command. A parameter that the command does not have is refused.</summary>
internal sealed class ApiParameterBinder(PciBusDbContext database)
{
    /// <exception cref="ApiException">A parameter is missing, wrong, or none of the command's.</exception>
    public async Task BindAsync(
        ApiCommandDescription description, ApiRequest request, ApiCommand command, CancellationToken cancellationToken)
    {
        foreach (var (name, value) in request.Parameters) RefuseControlCharacters(name, value);
        UnknownParameters.Refuse(description, request);
        foreach (var parameter in description.Parameters)
        {
            var value = parameter.Kind == ApiParameterKind.Map
                ? ApiMapParameter.Read(parameter, request, description.Name)
                : await ReadAsync(parameter, request, description.Name, cancellationToken);
            if (value is not null) parameter.Property.SetValue(command, value);
            else if (parameter.Declared.Required) throw ApiException.BadParameter(description.Name, $"missing parameter {parameter.Name}");
        }
    }

    /// <summary>The value for the property; null when the parameter was not given.</summary>
    private async Task<object?> ReadAsync(
        ApiParameterDescription parameter, ApiRequest request, string command, CancellationToken cancellationToken)
    {
        if (request[parameter.Name] is not { } text) return null;
        // An empty number or uuid counts as not given, an empty long as wrong: so CloudStack does it.
        if (text.Length == 0 && !parameter.Declared.MayBeEmpty && (parameter.Declared.Required || parameter.Kind != ApiParameterKind.Long))
        {
            return null;
        }
        return parameter.Kind switch
        {
            ApiParameterKind.String => ReadText(parameter, text, command),
            ApiParameterKind.Integer => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Invalid(parameter, text, command),
            ApiParameterKind.Long => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Invalid(parameter, text, command),
            ApiParameterKind.Boolean => bool.TryParse(text, out var isTrue)
                ? isTrue
                : throw ApiException.BadParameter(command, $"invalid value {text} for parameter {parameter.Name}: it is true or false"),
            ApiParameterKind.Date => ReadDate(parameter, text, command),
            ApiParameterKind.List => await ReadListAsync(parameter, text, command, cancellationToken),
            ApiParameterKind.Uuid => await ResolveAsync(parameter, text, command, cancellationToken),
            _ => throw new InvalidOperationException($"{parameter.Name} is not read here"),
        };
    }

    private static object ReadText(ApiParameterDescription parameter, string text, string command)
    {
        RefuseTooLong(parameter, text, command);
        if (!parameter.Type.IsEnum) return text;
        var name = Enum.GetNames(parameter.Type).FirstOrDefault(one => string.Equals(one, text, StringComparison.OrdinalIgnoreCase));
        return name is null
            ? throw ApiException.BadParameter(
                command,
                $"invalid value {text} for parameter {parameter.Name}: it is one of {string.Join(", ", Enum.GetNames(parameter.Type))}")
            : Enum.Parse(parameter.Type, name);
    }

    private static DateTimeOffset ReadDate(ApiParameterDescription parameter, string text, string command) =>
        ApiDate.TryRead(text, parameter.Declared.IsEnd, out var moment)
            ? moment
            : throw ApiException.BadParameter(command, $"invalid value {text} for parameter {parameter.Name}: {ApiDate.Examples}");

    private async Task<object> ReadListAsync(
        ApiParameterDescription parameter, string text, string command, CancellationToken cancellationToken)
    {
        var items = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        foreach (var item in items) RefuseTooLong(parameter, item, command);
        if (parameter.Declared.Entity is null) return items;
        var ids = new List<long>();
        foreach (var item in items) ids.Add(await ResolveAsync(parameter, item, command, cancellationToken));
        return ids;
    }

    private async Task<long> ResolveAsync(
        ApiParameterDescription parameter, string text, string command, CancellationToken cancellationToken) =>
        (Guid.TryParseExact(text, "D", out var uuid)
            ? await ApiEntities.FindAsync(database, parameter.Declared.Entity!, uuid, cancellationToken)
            : null) ?? throw NoSuchEntity(command, parameter.Name, text);

    /// <summary>Clients tell "not found" from other errors by this very text.</summary>
    public static ApiException NoSuchEntity(string command, string parameter, string value) => ApiException.BadParameter(
        command,
        $"invalid value. Invalid parameter {parameter} value={value} due to incorrect long value format, or entity does not exist");

    private static void RefuseControlCharacters(string name, string value)
    {
        if (!value.Any(char.IsControl)) return;
        throw new ApiException(
            ApiErrors.ParameterError, 9999, $"Received value for parameter {name} is invalid, contains illegal ASCII non-printable "
                + "characters");
    }

    internal static void RefuseTooLong(ApiParameterDescription parameter, string text, string command)
    {
        if (text.Length <= parameter.Declared.MaxLength) return;
        throw ApiException.BadParameter(
            command, $"invalid value. Value greater than max allowed length {parameter.Declared.MaxLength} for param: {parameter.Name}");
    }

    private static ApiException Invalid(ApiParameterDescription parameter, string text, string command) =>
        ApiException.BadParameter(command, $"invalid value {text} for parameter {parameter.Name}");
}
