using CsCheck;

namespace PciBus.Tests.Deployment;

/// <summary>Clusters of a few hosts, and what is asked of them.</summary>
internal static class RandomClusters
{
    /// <param name="PciDevices">Names of its devices.</param>
    /// <param name="Gone">Its agent said farewell: nothing may be placed there.</param>
    internal sealed record HostSketch(IReadOnlyList<string> PciDevices, int Cpus, int RamGiB, string Tags, bool Gone);

    internal sealed record RequestSketch(string PciDevices, int Cpu, int RamMiB, string Tags);

    internal sealed record Sketch(IReadOnlyList<HostSketch> Hosts, IReadOnlyList<RequestSketch> Requests);

    public static Gen<Sketch> All { get; } = Gen.Select(Hosts.List[1, 5], Requests.List[1, 12], (hosts, requests) => new Sketch(hosts, requests));

    private static Gen<HostSketch> Hosts =>
        from devices in Gen.OneOf("10GE", "10GE", "GPU").List[0, 4]
        from cpus in Gen.Int[1, 4]
        from ram in Gen.Int[2, 6]
        from tags in Gen.OneOf("", "ssd", "gold,ssd")
        from gone in Gen.Int[0, 5]
        select new HostSketch(devices, cpus, ram, tags, gone == 0);

    private static Gen<RequestSketch> Requests =>
        from devices in Gen.OneOf("", "10GE", "10GE", "10GE,10GE", "GPU", "10GE,GPU", "FPGA")
        from cpu in Gen.Int[1, 2]
        from ram in Gen.OneOf(256, 1024, 2048)
        from tags in Gen.OneOf("", "", "", "ssd", "gold")
        select new RequestSketch(devices, cpu, ram, tags);
}
