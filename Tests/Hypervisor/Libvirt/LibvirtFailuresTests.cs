using PciBus.Agent.Hypervisor.Libvirt;
using Xunit;

namespace PciBus.Tests.Hypervisor.Libvirt;

/// <summary>The codes are libvirt's; the pairs are those that libvirt 9.0 and 11.3 were seen to give.</summary>
public sealed class LibvirtFailuresTests
{
    [Theory]
    [InlineData(42, 10, LibvirtFailure.NoDomain)]
    [InlineData(42, 12, LibvirtFailure.NoDomain)]
    [InlineData(43, 19, LibvirtFailure.NoNetwork)]
    [InlineData(53, 22, LibvirtFailure.NoNodeDevice)]
    [InlineData(99, 10, LibvirtFailure.DeviceMissing)]
    [InlineData(3, 0, LibvirtFailure.NotSupported)]
    [InlineData(3, 20, LibvirtFailure.NotSupported)]
    [InlineData(74, 0, LibvirtFailure.NotSupported)]
    [InlineData(84, 10, LibvirtFailure.NotSupported)]
    [InlineData(55, 0, LibvirtFailure.Invalid)]
    [InlineData(55, 10, LibvirtFailure.Invalid)]
    [InlineData(9, 10, LibvirtFailure.Failed)]
    [InlineData(68, 0, LibvirtFailure.TimedOut)]
    [InlineData(78, 10, LibvirtFailure.Aborted)]
    [InlineData(1, 7, LibvirtFailure.Connection)]
    [InlineData(38, 7, LibvirtFailure.Connection)]
    [InlineData(39, 7, LibvirtFailure.Connection)]
    [InlineData(68, 7, LibvirtFailure.Connection)]
    [InlineData(6, 20, LibvirtFailure.Connection)]
    [InlineData(1, 10, LibvirtFailure.Other)]
    [InlineData(38, 0, LibvirtFailure.Other)]
    [InlineData(67, 10, LibvirtFailure.Other)]
    [InlineData(0, 0, LibvirtFailure.Other)]
    internal void Failure_IsReadFromTheNumbers(int code, int domain, LibvirtFailure failure) =>
        Assert.Equal(failure, LibvirtFailures.Of(code, domain));

    [Theory]
    [InlineData(55, 10, 10, false)]
    [InlineData(68, 0, 0, false)]
    [InlineData(1, 7, 7, true)]
    [InlineData(6, 20, 7, true)]
    public void HypervisorIsTold_WhetherTheOutcomeIsKnown(int code, int domain, int told, bool unknown)
    {
        var error = LibvirtFailures.ToHypervisor(new LibvirtException(code, domain, "said so"));

        Assert.Equal((code, told, "said so", unknown), (error.Code, error.Domain, error.Message, error.OutcomeUnknown));
    }
}
