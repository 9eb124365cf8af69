using System.ComponentModel;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;
using PciBus.Management.ServiceOfferings;

namespace PciBus.Management.Api.ServiceOfferings;

[ApiResponse("serviceoffering", typeof(ServiceOffering))]
internal sealed class ServiceOfferingResponse
{
    [JsonProperty("id"), Description("the offering's id")]
    public Guid Id { get; init; }

    [JsonProperty("name"), Description("its name")]
    public required string Name { get; init; }

    [JsonProperty("displaytext"), Description("what is told of it")]
    public required string DisplayText { get; init; }

    [JsonProperty("state"), Description("Active, or Inactive: deleted, while virtual machines made of it go on")]
    public ServiceOfferingState State { get; init; }

    [JsonProperty("cpunumber"), Description("virtual processors")]
    public int CpuNumber { get; init; }

    [JsonProperty("cpuspeed"), Description("speed of one virtual processor in MHz")]
    public int CpuSpeed { get; init; }

    [JsonProperty("memory"), Description("RAM in MiB")]
    public int Memory { get; init; }

    [JsonProperty("pcidevices"), Description("names of the PCI devices a virtual machine gets, as they were given")]
    public string? PciDevices { get; init; }

    [JsonProperty("unknownpcidevices"), Description("names among them that no host has reported; told when it is created")]
    public string? UnknownPciDevices { get; init; }

    [JsonProperty("pcimigration"), Description(
        "Forbid: with PCI devices they are not migrated live; DetachAttach: without them, and get others")]
    public PciMigration PciMigration { get; init; }

    [JsonProperty("pcidetachwait"), Description("seconds that a guest may take to let go of its devices, where the offering says so")]
    public int? PciDetachWait { get; init; }

    [JsonProperty("migratewait"), Description("seconds after which a live migration is given up, where the offering says so")]
    public int? MigrateWait { get; init; }

    [JsonProperty("serviceofferingdetails"), Description("its details, as they were given")]
    public JObject? Details { get; init; }

    [JsonProperty("hosttags"), Description("tags a host must have all of, comma-separated")]
    public string? HostTags { get; init; }

    [JsonProperty("offerha"), Description("whether its virtual machines are started elsewhere when their host is down")]
    public bool OfferHa { get; init; }

    [JsonProperty("domainid"), Description("the domain that alone may use it")]
    public Guid? DomainId { get; init; }

    [JsonProperty("domain"), Description("name of that domain")]
    public string? Domain { get; init; }

    [JsonProperty("created"), Description("when it was created")]
    public DateTimeOffset Created { get; init; }

    [JsonProperty("storagetype"), Description("always local")]
    public string StorageType => "local";

    [JsonProperty("issystem"), Description("always false")]
    public bool IsSystem => false;

    [JsonProperty("defaultuse"), Description("always false")]
    public bool DefaultUse => false;

    [JsonProperty("iscustomized"), Description("always false")]
    public bool IsCustomized => false;

    [JsonProperty("limitcpuuse"), Description("always false")]
    public bool LimitCpuUse => false;

    [JsonProperty("isvolatile"), Description("always false")]
    public bool IsVolatile => false;

    public static ServiceOfferingResponse Of(ServiceOffering offering, Guid? domainId, string? domain, IReadOnlyList<string> unknown) =>
        new()
        {
            Id = offering.Uuid,
            Name = offering.Name,
            DisplayText = offering.DisplayText,
            State = offering.State,
            CpuNumber = offering.Cpu,
            CpuSpeed = offering.Speed,
            Memory = offering.RamSize,
            PciDevices = offering.PciDevices.Length > 0 ? offering.PciDevices : null,
            UnknownPciDevices = unknown.Count > 0 ? string.Join(",", unknown) : null,
            PciMigration = offering.PciMigration,
            PciDetachWait = offering.DetachWait,
            MigrateWait = offering.MigrateWait,
            Details = JObject.Parse(offering.Details) is { Count: > 0 } details ? details : null,
            HostTags = offering.HostTags.Length > 0 ? offering.HostTags : null,
            OfferHa = offering.HaEnabled,
            DomainId = domainId,
            Domain = domain,
            Created = offering.Created,
        };
}
