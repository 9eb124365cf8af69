using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.Templates;

namespace PciBus.Management.Api.Templates;

[ApiCommand("registerTemplate", "Registers a template by its url", Response = typeof(TemplateResponse), Roles = ApiRoles.Everybody)]
internal sealed class RegisterTemplateCmd(PciBusDbContext database, ApiTransactions transactions, TimeProvider time) : ApiCommand
{
    [ApiParameter("name", "its name", Required = true)]
    public string Name { get; set; } = "";

    [ApiParameter("url", "where hosts fetch it", Required = true, MaxLength = 2048)]
    public string Url { get; set; } = "";

    [ApiParameter("format", "QCOW2 or RAW", Required = true)]
    public TemplateFormat Format { get; set; }

    [ApiParameter("hypervisor", "KVM", Required = true)]
    public ApiHypervisor Hypervisor { get; set; }

    [ApiParameter("displaytext", "what is told of it; the name unless given", MaxLength = 4096)]
    public string? DisplayText { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out _)) throw ApiException.InvalidParameter($"url {Url} is not an absolute URL");
        Guid uuid = default;
        await transactions.RunAsync<TemplateManager>(
            templates =>
            {
                var template = Make();
                uuid = template.Uuid;
                return templates.RegisterAsync(template, Caller, cancellationToken);
            },
            cancellationToken);
        var made = database.Set<Template>().AsNoTracking().Where(template => template.Uuid == uuid);
        return ApiAnswer.List(1, await TemplateQueries.Describe(database, made).ToListAsync(cancellationToken));
    }

    private Template Make() => new()
    {
        Uuid = Guid.NewGuid(),
        Name = Name,
        DisplayText = DisplayText ?? Name,
        Url = Url,
        Format = Format.ToString(),
        HypervisorType = Hypervisor.ToString(),
        AccountId = Caller.AccountId,
        DomainId = Caller.DomainId,
        Created = time.GetUtcNow(),
    };
}
