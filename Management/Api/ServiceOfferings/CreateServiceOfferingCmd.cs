using Microsoft.EntityFrameworkCore;
using Newtonsoft.Json;
using PciBus.Management.Accounts;
using PciBus.Management.Persistence;
using PciBus.Management.ServiceOfferings;

namespace PciBus.Management.Api.ServiceOfferings;

[ApiCommand("createServiceOffering", "Creates a service offering", Response = typeof(ServiceOfferingResponse))]
internal sealed class CreateServiceOfferingCmd(PciBusDbContext database, ApiTransactions transactions, TimeProvider time) : ApiCommand
{
    /// <summary>A day, in seconds.</summary>
    private const int LongestWait = 86_400;

    [ApiParameter("name", "its name", Required = true)]
    public string Name { get; set; } = "";

    [ApiParameter("displaytext", "what is told of it; the name unless given", MaxLength = 4096)]
    public string? DisplayText { get; set; }

    [ApiParameter("cpunumber", "virtual processors", Required = true)]
    public int CpuNumber { get; set; }

    [ApiParameter("cpuspeed", "speed of one virtual processor in MHz", Required = true)]
    public int CpuSpeed { get; set; }

    [ApiParameter("memory", "RAM in MiB", Required = true)]
    public int Memory { get; set; }

    [ApiParameter("pcidevices", "names of the PCI devices, comma-separated; a name is repeated to ask for several", MaxLength = 4096)]
    public string? PciDevices { get; set; }

    [ApiParameter(
        "pcimigration",
        "Forbid: with PCI devices they are not migrated live; DetachAttach: their devices are detached before, and others of the same "
            + "names attached on the other host; Forbid unless given")]
    public PciMigration PciMigration { get; set; }

    [ApiParameter(
        "pcidetachwait", "seconds that a guest may take to let go of its devices for a migration; migrate.detach.wait unless given")]
    public int? PciDetachWait { get; set; }

    [ApiParameter("migratewait", "seconds after which a live migration is given up; migrate.wait unless given")]
    public int? MigrateWait { get; set; }

    [ApiParameter("serviceofferingdetails", "details, given back as they came; pciDevices says the same as pcidevices", MaxLength = 4096)]
    public IReadOnlyDictionary<string, string>? Details { get; set; }

    [ApiParameter("hosttags", "tags a host must have all of, comma-separated")]
    public string? HostTags { get; set; }

    [ApiParameter("offerha", "start its virtual machines elsewhere when their host is down; false unless given")]
    public bool OfferHa { get; set; }

    [ApiParameter("domainid", "the domain that alone may use it; everybody unless given", Entity = typeof(Domain))]
    public long? DomainId { get; set; }

    public override async Task<ApiAnswer> ExecuteAsync(CancellationToken cancellationToken)
    {
        RefuseLessThanOne("cpunumber", CpuNumber);
        RefuseLessThanOne("cpuspeed", CpuSpeed);
        RefuseLessThanOne("memory", Memory);
        RefuseUnlessWait("pcidetachwait", PciDetachWait);
        RefuseUnlessWait("migratewait", MigrateWait);
        var pciDevices = PciDevicesDetail.Read(PciDevices, Details);
        ServiceOffering? made = null;
        IReadOnlyList<string> unknown = [];
        await transactions.RunAsync<ServiceOfferingManager>(
            async offerings =>
            {
                made = Make(pciDevices);
                (var refusal, unknown) = await offerings.CreateAsync(made, Caller, cancellationToken);
                return refusal;
            },
            cancellationToken);
        var domain = await database.Set<Domain>().AsNoTracking().SingleOrDefaultAsync(row => row.Id == DomainId, cancellationToken);
        return ApiAnswer.Of(ServiceOfferingResponse.Of(made!, domain?.Uuid, domain?.Name, unknown));
    }

    private ServiceOffering Make(string pciDevices) => new()
    {
        Uuid = Guid.NewGuid(),
        Name = Name,
        DisplayText = DisplayText ?? Name,
        State = ServiceOfferingState.Active,
        Cpu = CpuNumber,
        Speed = CpuSpeed,
        RamSize = Memory,
        HostTags = Management.Hosts.HostTags.Canonical(HostTags),
        HaEnabled = OfferHa,
        PciDevices = pciDevices,
        PciMigration = PciMigration,
        DetachWait = PciDetachWait,
        MigrateWait = MigrateWait,
        Details = JsonConvert.SerializeObject(Details ?? new Dictionary<string, string>()),
        DomainId = DomainId,
        Created = time.GetUtcNow(),
    };

    private static void RefuseUnlessWait(string name, int? seconds)
    {
        if (seconds is < 1 or > LongestWait)
        {
            throw ApiException.InvalidParameter($"{name} is {seconds}; it must be from 1 to {LongestWait} seconds");
        }
    }

    private static void RefuseLessThanOne(string name, int value)
    {
        if (value < 1) throw ApiException.InvalidParameter($"{name} must be 1 or more");
    }
}
