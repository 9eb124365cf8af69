using Microsoft.EntityFrameworkCore;
using PciBus.Management.Persistence;
using PciBus.Management.Places;
using PciBus.Management.Templates;

namespace PciBus.Management.Api.Templates;

[ApiCommand("registerTemplate", "Registers a template by its url", Response = typeof(TemplateResponse), Roles = ApiRoles.Everybody)]
internal sealed class RegisterTemplateCmd(PciBusDbContext database, ApiTransactions transactions, TimeProvider time) : ApiCommand
{
    private const string EveryZone = "-1";

    [ApiParameter("name", "its name", Required = true)]
    public string Name { get; set; } = "";

    [ApiParameter("url", "where hosts fetch it", Required = true, MaxLength = 2048)]
    public string Url { get; set; } = "";

    [ApiParameter("format", "QCOW2 or RAW", Required = true)]
    public TemplateFormat Format { get; set; }

    [ApiParameter("hypervisor", "KVM", Required = true)]
    public TemplateHypervisor Hypervisor { get; set; }

    [ApiParameter("displaytext", "what is told of it; the name unless given", MaxLength = 4096)]
    public string? DisplayText { get; set; }

    [ApiParameter("zoneid", "a zone, or -1 for all; every template is in every zone")]
    public string? ZoneId { get; set; }

    [ApiParameter("zoneids", "zones, comma-separated, or -1 for all; every template is in every zone")]
    public IReadOnlyList<string>? ZoneIds { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out _)) throw ApiException.InvalidParameter($"url {Url} is not an absolute URL");
        if (ZoneId is { } zone) await RefuseUnlessZoneAsync("zoneid", zone, cancellationToken);
        foreach (var one in ZoneIds ?? []) await RefuseUnlessZoneAsync("zoneids", one, cancellationToken);
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

    private async Task RefuseUnlessZoneAsync(string parameter, string text, CancellationToken cancellationToken)
    {
        if (text == EveryZone) return;
        var isThere = Guid.TryParseExact(text, "D", out var uuid)
            && await ApiEntities.FindAsync(database, typeof(Zone), uuid, cancellationToken) is not null;
        if (!isThere) throw ApiParameterBinder.NoSuchEntity("registerTemplate", parameter, text);
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

/// <summary>Image formats that KVM hosts start from.</summary>
internal enum TemplateFormat
{
    QCOW2,
    RAW,
}

/// <summary>Hypervisors a template can be for.</summary>
internal enum TemplateHypervisor
{
    KVM,
}
