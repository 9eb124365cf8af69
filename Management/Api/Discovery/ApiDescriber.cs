using System.Collections;
using System.ComponentModel;
using System.Reflection;
using Newtonsoft.Json;

namespace PciBus.Management.Api.Discovery;

/// <summary>Describes the commands from the attributes of their classes.</summary>
internal static class ApiDescriber
{
    public static IReadOnlyList<ApiResponse> Describe(ApiCatalog catalog)
    {
        var commands = catalog.Commands.ToList();
        return [.. commands.Select(command => new ApiResponse
        {
            Name = command.Name,
            Description = command.Declared.Description,
            Since = command.Declared.Since,
            IsAsync = command.Declared.IsAsync,
            Related = Related(commands, command.Response.Entity, command),
            Params = [.. command.Parameters.Select(parameter => Describe(parameter, commands, command))],
            Fields = [.. FieldsOf(command.Declared.Response), .. command.Declared.IsAsync ? JobFields : []],
        })];
    }

    private static readonly ApiResponseField[] JobFields =
    [
        new() { Name = "jobstatus", Type = "integer", Description = "how the job that is under way stands" },
        new() { Name = "jobid", Type = "string", Description = "the job that is under way" },
    ];

    private static ApiParameterResponse Describe(
        ApiParameterDescription parameter, List<ApiCommandDescription> commands, ApiCommandDescription command) => new()
        {
            Name = parameter.Name,
            Description = parameter.Declared.Description,
            Type = parameter.Kind.ToString().ToLowerInvariant(),
            Length = parameter.Declared.MaxLength,
            Required = parameter.Declared.Required,
            Related = parameter.Declared.Entity is { } entity ? Related(commands, entity, null) : null,
            Since = command.Declared.Since,
        };

    /// <summary>The commands, but one, that answer with an entity.</summary>
    private static string Related(List<ApiCommandDescription> commands, Type? entity, ApiCommandDescription? but) => entity is null
        ? ""
        : string.Join(',', commands.Where(one => one != but && one.Response.Entity == entity).Select(one => one.Name));

    private static IEnumerable<ApiResponseField> FieldsOf(Type response) =>
        from property in response.GetProperties()
        let name = property.GetCustomAttribute<JsonPropertyAttribute>()?.PropertyName
        where name is not null
        orderby name
        let inner = ElementOf(property.PropertyType)
        select new ApiResponseField
        {
            Name = name,
            Type = TypeName(property.PropertyType),
            Description = property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "",
            // A field may hold fields of its own kind: they are listed once.
            Fields = inner is null || inner == response ? null : [.. FieldsOf(inner)],
        };

    private static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GenericTypeArguments is [var element] && element.IsDefined(typeof(ApiResponseAttribute))
            ? element
            : null;

    private static string TypeName(Type type)
    {
        var real = Nullable.GetUnderlyingType(type) ?? type;
        return real switch
        {
            _ when real == typeof(string) || real == typeof(Guid) || real.IsEnum => "string",
            _ when real == typeof(int) => "integer",
            _ when real == typeof(long) => "long",
            _ when real == typeof(bool) => "boolean",
            _ when real == typeof(DateTimeOffset) => "date",
            _ when real == typeof(object) => "responseobject",
            _ when real.IsGenericType && typeof(IEnumerable).IsAssignableFrom(real) => "list",
            _ => "map",
        };
    }
}

[ApiCommand("listApis", "Lists the commands there are", Response = typeof(ApiResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListApisCmd(ApiCatalog catalog) : ApiCommand
{
    [ApiParameter("name", "the command's name")]
    public string? Name { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var commands = ApiDescriber.Describe(catalog).Where(
            command => string.IsNullOrEmpty(Name) || command.Name.Equals(Name, StringComparison.OrdinalIgnoreCase)).ToList();
        return commands.Count > 0
            ? Task.FromResult(ApiAnswer.List(commands.Count, commands))
            : throw ApiException.InvalidParameter($"There is no command {Name}");
    }
}
