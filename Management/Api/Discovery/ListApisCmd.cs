namespace PciBus.Management.Api.Discovery;

[ApiCommand("listApis", "Lists the commands there are", Response = typeof(ApiResponse), Roles = ApiRoles.Everybody)]
internal sealed class ListApisCmd(ApiCatalog catalog) : ApiCommand
{
    [ApiParameter("name", "the command's name")]
    public string? Name { get; set; }

    public override Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        var commands = ApiDescriber.Describe(catalog).Where(command => string.IsNullOrEmpty(Name) || command.Name.Equals(Name, StringComparison.OrdinalIgnoreCase)).ToList();
        return commands.Count > 0
            ? Task.FromResult(ApiAnswer.List(commands.Count, commands))
            : throw ApiException.InvalidParameter($"There is no command {Name}");
    }
}
